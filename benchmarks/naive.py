import folium
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

sites = pd.read_csv("geodata/raw/evacuation_sites.csv")
checked = st.checkbox("unrelated")
site_map = folium.Map(location=[32.62, 130.72], zoom_start=9)
for site in sites.itertuples():
    folium.Marker([site.lat, site.lon], popup=site.name, tooltip=site.name).add_to(site_map)
st_folium(site_map, width=900, height=600)
st.write(f"checked: {checked}")
